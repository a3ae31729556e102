"""What happens in each area: locating, counting, rating, comparing. Frames in, frames out."""
