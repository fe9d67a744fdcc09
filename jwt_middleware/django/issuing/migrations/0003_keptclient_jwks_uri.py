"""Where a client publishes its keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Made by Django."""

    dependencies = [("jwt_middleware_issuing", "0002_keptclient")]

    operations = [
        migrations.AddField(
            model_name="keptclient",
            name="jwks_uri",
            field=models.CharField(blank=True, default="", max_length=1024),
        ),
    ]
