-- What the application may do with each table.

SELECT canut_free('api_keyedrequest');
