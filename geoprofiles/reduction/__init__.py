"""The reduction of files of any size to tallies: one machine or many, one month at a time."""
