"""Tests of deploy/desks."""
