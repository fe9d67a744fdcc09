"""The first tables of the issuing side: signing keys and sessions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Made by Django."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KeptKeys",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("revision", models.PositiveIntegerField()),
                ("document", models.TextField()),
            ],
            options={
                "verbose_name": "signing keys",
                "verbose_name_plural": "signing keys",
            },
        ),
        migrations.CreateModel(
            name="KeptSession",
            fields=[
                ("session_id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("subject", models.CharField(db_index=True, max_length=255)),
                ("client_id", models.CharField(max_length=255)),
                ("audience", models.JSONField(default=list)),
                ("scopes", models.JSONField(default=list)),
                ("acr", models.CharField(max_length=255, null=True)),
                ("amr", models.JSONField(default=list)),
                ("stamp", models.CharField(editable=False, max_length=64)),
                ("logged_in_at", models.FloatField()),
                ("refreshed_at", models.FloatField()),
                ("expires_at", models.FloatField(db_index=True)),
                ("current", models.CharField(editable=False, max_length=64)),
                ("previous", models.CharField(editable=False, max_length=64)),
                ("nonce", models.CharField(editable=False, max_length=64)),
                ("generation", models.PositiveIntegerField(default=1)),
                ("ended_at", models.FloatField(null=True)),
                ("ended_for", models.CharField(max_length=32)),
                ("address", models.CharField(max_length=255)),
                ("agent", models.CharField(max_length=255)),
            ],
            options={
                "verbose_name": "session",
            },
        ),
    ]
