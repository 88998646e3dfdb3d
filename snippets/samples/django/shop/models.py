from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    # Uploads go to MEDIA_ROOT, which is the app's to write to; the web server sends them out.
    picture = models.FileField(upload_to="products/", blank=True)

    def __str__(self):
        return self.name
