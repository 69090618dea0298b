"""`python -m cpa_xl`."""

from cpa_xl.cli.main import main

if __name__ == "__main__":
    main()
