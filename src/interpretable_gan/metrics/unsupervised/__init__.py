"""What codes show without known factors: independence, and agreement between models."""
