"""Oracle CRM On Demand: appointments and events of its REST interface."""
