"""Pictures, kept for ever by the fingerprint of their bytes, and the versions that show them."""

from __future__ import annotations

from django.db import models

from faq.immutable import WriteOnce
from faq.models.record import Version
from faq.rendering import IMAGE_BASE

CONTENT_TYPES = {"webp": "image/webp", "png": "image/png", "jpg": "image/jpeg"}


class Image(WriteOnce):
    """A picture as the site wrote it; readers get it only if a public version shows it."""

    #: What public pages say hangs on the versions that use it.
    is_public_record = False

    sha256 = models.CharField(max_length=64, unique=True)
    extension = models.CharField(max_length=4)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    content = models.BinaryField()
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """Its address, as it is written in Markdown and frozen."""
        return f"{IMAGE_BASE}{self.sha256}.{self.extension}"

    def data(self) -> bytes:
        """The stored bytes, whatever buffer type the database driver gives."""
        return bytes(self.content)


class ImageUse(WriteOnce):
    """A version shows a picture."""

    version = models.ForeignKey(Version, models.PROTECT)
    image = models.ForeignKey(Image, models.PROTECT, to_field="sha256")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "image"], name="faq_imageuse_once")
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.version_id}"
