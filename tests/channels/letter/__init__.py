"""Letters on paper: the scanner's folder, the confirmed form, the text the desk begins with."""
