"""Values as text: numbers, arrays in brief, tooltips, element ids."""
