from django.urls import path

from entries import views

urlpatterns = [
    path('', views.home),
    path('search', views.search),
    path('go', views.go),
    path('import', views.take_in),
]
