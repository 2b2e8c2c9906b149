"""For ASGI servers: `uvicorn search_api.asgi:app`. The settings come from the environment."""

from search_api.opening import open_app
from search_core.settings import Settings

app = open_app(Settings())
