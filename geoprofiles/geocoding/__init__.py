"""Turn whatever a record carries into a place: codes, postcodes, references and names."""
