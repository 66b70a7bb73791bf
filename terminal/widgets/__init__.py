"""What screens are made of, one widget a file. Values come down through `data_bind`; facts go up as messages."""
