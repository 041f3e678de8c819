"""Puts a file of one broken row beside the exported ones: the copy of a row, without its event_type."""
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

file = sorted(Path(sys.argv[1]).rglob("*.parquet"))[0]
row = pq.ParquetFile(file).read().slice(0, 1)
index = row.schema.get_field_index("event_type")
nothing = pa.array([None], type=pa.string())
broken = row.set_column(index, pa.field("event_type", pa.string(), nullable=True), nothing)
pq.write_table(broken, file.with_name("000000000999.parquet"))
