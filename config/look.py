"""Look of the admin: the setting UNFOLD. Sidebar and styles are built in config/site.py; colours are in theme.css."""

UNFOLD = {
    "SITE_TITLE": "Concordia",
    "SITE_HEADER": "Concordia",
    "SITE_ICON": "config.site.mark",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.site.mark"}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": "config.site.language_url", "navigation": []},
    "ACCOUNT": {"navigation": "config.site.account"},
    "STYLES": ["config.site.stylesheet"],
    "SIDEBAR": {"navigation": "config.site.navigation", "show_search": False, "show_all_applications": False},
}
