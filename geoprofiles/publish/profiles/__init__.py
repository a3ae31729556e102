"""Parts of an area's page, and the page that leads to all of them."""
