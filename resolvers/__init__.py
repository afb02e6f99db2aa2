"""What is answered: relations and writes of each noun, over the scope and the compiler in `core`."""
