"""The heart of Wordrush, shared by the door, the engine and the operator's hand."""
