"""What the admin shows of entries."""

from django.contrib import admin

from .models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    list_display = ("name", "text", "shown")
    list_editable = ("shown",)
    search_fields = ("name", "text")
