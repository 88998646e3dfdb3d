from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.urls import path

urlpatterns = [
    path("", lambda request: HttpResponse("It works: Django, served by Gunicorn.\n", content_type="text/plain")),
    path("health", lambda request: JsonResponse({"status": "ok"})),
    path("admin/", admin.site.urls),
]
