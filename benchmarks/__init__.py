"""Measurements that are run by hand, and in a short form with every change."""
