"""Where incidents concentrate. All methods take weighted distinct places, never raw rows."""
