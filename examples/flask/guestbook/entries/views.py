"""The guestbook: whoever comes may write in it."""

from django.forms import ModelForm
from django.shortcuts import redirect, render

from .models import Entry


class EntryForm(ModelForm):
    class Meta:
        model = Entry
        fields = ("name", "text")


def guestbook(request):
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("guestbook")
    return render(request, "entries/guestbook.html", {"form": form, "entries": Entry.objects.filter(shown=True)})
