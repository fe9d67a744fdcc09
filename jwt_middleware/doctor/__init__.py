"""Is an issuer fit to be trusted as it stands, and what becomes of its tokens?"""
