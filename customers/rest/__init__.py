"""What the APIs of all apps stand on: strict reading, problem details, paging, ETags, idempotent requests.

Each app's own `api/` says what there is to read and to do; `config.urls` puts them together.
"""
