"""The operator's and author's hand: the command `wordrush`."""
