"""What is deployed, shown to everyone: sources on an explorer, tokens in wallets."""
