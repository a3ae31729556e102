"""Products as values: pages, tables and layers, made of finished frames; nothing here saves."""
