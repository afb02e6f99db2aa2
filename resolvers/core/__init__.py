"""The scope, the compiler and the executor; knows no noun."""
