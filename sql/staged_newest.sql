SELECT max(number) FROM staged
