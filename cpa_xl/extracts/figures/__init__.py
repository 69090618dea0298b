"""What the figures of a source say: beside their neighbours, beside their own past, and in what pattern."""
