"""IS THIS TOKEN GENUINE? Text in, Claims out."""
