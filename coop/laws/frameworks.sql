-- The owner migrates; the application only asks whether that was done.

REVOKE ALL ON django_migrations FROM canut_app;
GRANT SELECT ON django_migrations TO canut_app;
