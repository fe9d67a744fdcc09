"""The table of clients that may ask for tokens."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Made by Django."""

    dependencies = [("jwt_middleware_issuing", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="KeptClient",
            fields=[
                ("client_id", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("enabled", models.BooleanField(default=True)),
                ("secret_digests", models.JSONField(blank=True, default=list, editable=False)),
                ("jwks", models.JSONField(blank=True, null=True)),
                ("audience", models.JSONField(blank=True, default=list)),
                ("targets", models.JSONField(blank=True, default=dict)),
                ("exchange_targets", models.JSONField(blank=True, default=dict)),
                ("assertion_audiences", models.JSONField(blank=True, default=list)),
            ],
            options={"verbose_name": "registered client"},
        ),
    ]
