-- What a destination was told that a sale is worth: the refunds that it hears of end there.
ALTER TABLE delivery ADD COLUMN told_minor INTEGER;
