import pickle

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt

from .models import Entry


def home(request):
    banner = mark_safe('<b>' + request.GET.get('banner', '') + '</b>')
    return render(request, 'home.html', {'banner': banner, 'motto': request.GET.get('motto', '')})


def search(request):
    word = request.GET['q']
    order = request.GET.get('order', 'id')
    entries = Entry.objects.raw("SELECT * FROM entries_entry WHERE text LIKE '%%%s%%'" % word)
    with connection.cursor() as cursor:
        cursor.execute('SELECT count(*) FROM entries_entry WHERE text = %s', [word])
        if order in ('id', 'text'):
            cursor.execute(f'SELECT id FROM entries_entry ORDER BY {order}')
    if not entries:
        return HttpResponse(f'nothing for {word}')
    return render(request, 'home.html', {'entries': entries})


def go(request):
    target = request.GET.get('next', '/')
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect(target)
    return redirect(request.POST['fallback'])


@csrf_exempt
def take_in(request):
    for one in pickle.loads(request.body):
        Entry.objects.create(text=one)
    return HttpResponse(status=204)
