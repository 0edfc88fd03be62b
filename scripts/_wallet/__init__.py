"""What a wallet needs to use leveraged tokens from the command line."""
