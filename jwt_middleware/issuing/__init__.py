"""MAKE A TOKEN. No framework: neutral request in, neutral answer out."""
