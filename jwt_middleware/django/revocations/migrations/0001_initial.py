"""The first table of the revocation store."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Made by Django."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KeptRevocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("issuer", models.CharField(max_length=1024)),
                ("name", models.CharField(max_length=1024)),
                ("before", models.FloatField(null=True)),
                ("until", models.FloatField(db_index=True)),
                ("made_at", models.FloatField(db_index=True)),
            ],
            options={
                "verbose_name": "revocation",
            },
        ),
    ]
