"""Policy, section and question, with the answers' HTML already rendered."""

from django.db import models


class Policy(models.Model):
    """A policy."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    introduction = models.TextField(blank=True)
    updated = models.DateTimeField(auto_now=True)

    def __str__(self):
        return self.title


class Section(models.Model):
    """A heading."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="sections")
    anchor = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.title


class Question(models.Model):
    """A question and its answer."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="questions")
    anchor = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    markdown = models.TextField()
    html = models.TextField()
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]

    def __str__(self):
        return self.title
