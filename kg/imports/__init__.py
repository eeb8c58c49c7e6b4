"""Tables of others and workbooks of contributors, made into the tables of data/tables/."""
