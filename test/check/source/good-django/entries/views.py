from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from .models import Entry


def home(request):
    note = format_html('<b>{}</b>', request.GET.get('note', ''))
    return render(request, 'home.html', {'entries': Entry.objects.all(), 'note': note})


def search(request):
    word = request.GET['q']
    page = int(request.GET.get('page', 1))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM entries_entry WHERE text = %s LIMIT 10 OFFSET {page * 10}', [word])
        return JsonResponse({'ids': [row[0] for row in cursor.fetchall()], 'word': word})


def go(request):
    target = request.GET.get('next', '/')
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return HttpResponse(status=400)
    return redirect(target)
