"""What is told of histories: tables, figures and the page's section."""
