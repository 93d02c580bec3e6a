"""What the server has done in processes of their own: reading, fitting, searching, asking."""
