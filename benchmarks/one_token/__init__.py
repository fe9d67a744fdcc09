"""What it costs to check one token, beside the raw signature check and beside other libraries."""
