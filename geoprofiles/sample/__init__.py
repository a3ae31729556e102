"""The bundled sample: a fictional port city with planted truth, made by code."""

from geoprofiles.sample.files import make_sample, sample_files, write_sample

__all__ = ["make_sample", "sample_files", "write_sample"]
