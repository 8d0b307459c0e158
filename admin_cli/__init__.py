"""The command line `wordrush`, for operators and authors."""
