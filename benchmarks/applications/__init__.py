"""The same small application in every framework: bare, guarded by others, and guarded by ours."""
