"""Sets Django up for this folder only: all other tests run without it."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()
