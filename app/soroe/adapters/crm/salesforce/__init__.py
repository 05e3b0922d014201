"""Salesforce: events over its REST interface."""
