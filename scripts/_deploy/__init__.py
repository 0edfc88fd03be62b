"""From files to contracts: send what is missing, note it down, prove that it is there."""
