"""How every form is drawn: `{{ form }}` gives the error summary first, then each field through one template."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Named by FORM_RENDERER; needs django.forms among the installed apps, for the widgets' own templates."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
