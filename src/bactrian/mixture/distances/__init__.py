"""How far one mixture is from another."""
